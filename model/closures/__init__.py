"""The stock-flow hospital's curves learnt from an experiment with the patient-level hospital."""
