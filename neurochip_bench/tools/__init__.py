"""Tables and pictures that the project makes of itself."""
