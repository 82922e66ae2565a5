"""The account map: one YAML file that says which accounts, region and names everything is made from."""
