"""A metamodel of the patient-level hospital: the stock-flow hospital's curves learnt from simulated patients."""
