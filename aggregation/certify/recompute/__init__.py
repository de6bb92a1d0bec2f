"""Every formula of a spec a second time, in numpy alone, so that no stage of the run is called.

The one exception is `aggregation.kmeans`, a seeded procedure whose draws have to be the same.
Reading order: `ballots` (votes), `groups` (who stands together, what they say), `standing`
(thresholds, margins, resamples), `estimates` (answers nobody gave), `choices` and `rounding` (sets
of clauses), `everything` (all of it in order).
"""
