"""The roles by which people and CI enter the accounts: made by an administrator, from what ``render`` writes."""
