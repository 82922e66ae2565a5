"""CodeCommit: repositories whose objects have git's own ids."""
