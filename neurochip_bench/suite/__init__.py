"""What the tests share: which rows there are, their truth, their record and the table at the end."""
