"""A record as one page of HTML: nothing is fetched, nothing runs, the same record gives the same bytes."""
