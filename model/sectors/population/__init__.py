"""Population and multimorbidity."""
