"""Who is watching, and how a change reaches them."""
