"""Where bytes are kept. The port is in `port`, the plugs in `local` and `s3`; `open` picks one."""
