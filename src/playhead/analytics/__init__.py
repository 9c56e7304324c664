"""What a class did, second by second: sums that a follower keeps beside the ledger, and the figures made of them."""
