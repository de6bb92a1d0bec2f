"""The same acts as the pages, for programs: one file per resource.

Read `resource` first (who is let in), then `reading` (what comes in), `refusals` (what is said
instead) and `schema` (how all of it is described); then any resource, then `urls`.
"""
