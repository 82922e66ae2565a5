"""Independent linters over what ``xacct-ml render`` writes: ``python -m linters`` from the repository's root.

Each linter runs in an environment of its own (:mod:`linters.tools`), over the documents of several account maps
(:mod:`linters.rendering`). What it finds must be in ``accepted.toml``, with a reason; what is accepted must still be
found (:mod:`linters.accepted`); and each linter must see the weaknesses planted for it in ``planted/``, so that none
passes because it read nothing."""
