"""Version control tools as processes: started with limits, ended for certain, read with care."""
