"""Pages of HTML: a run's record, and a proof. Nothing is fetched, and the same values give the same bytes."""
