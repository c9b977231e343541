"""What passes between the patient-level hospital and the rest of the system."""
