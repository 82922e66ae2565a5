"""One description of what the project is: which AWS resources, in which accounts and regions, with which documents.

Pure: it follows from the account map and the keys' ARNs alone. :func:`system` is what everything else reads: the
drivers that make these resources, rendering, limits, adoption, and the proof's catalog."""
