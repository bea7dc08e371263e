"""What tests alone need: made-up saved runs, stand-ins, a planted slowdown, a browser."""
