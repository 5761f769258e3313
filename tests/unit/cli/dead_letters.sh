# What README.md shows of `conveyor dead-letters`; dead_letters_test.cc runs it.
set -eu

# [commands]
conveyor dead-letters list orders-dlt --since 2h                      # where from, at which stage, why
conveyor dead-letters show orders-dlt/0/1                             # one of them, with headers and value
conveyor dead-letters replay orders-dlt --stage handler --dry-run     # what would be sent, and where to
conveyor dead-letters replay orders-dlt --group orders-replay         # sends them; the next run continues there
# [/commands]
