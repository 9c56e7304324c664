"""The JSON endpoints of the site; errors are RFC 9457 problem details."""
