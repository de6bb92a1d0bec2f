"""The platform for programs: one file per resource."""
