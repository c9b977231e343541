"""Posts, staff in post, pipelines and temporary staff."""
