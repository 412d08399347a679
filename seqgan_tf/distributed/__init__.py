"""Training on several replicas: devices of one machine, or several machines."""
