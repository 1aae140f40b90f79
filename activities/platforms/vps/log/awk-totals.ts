/**
 * A script also reads the lines of the 5 seconds before its first second, but does not count them.
 * These lines show whether the first new line belongs to an error that an earlier sample counted.
 */
export const overlapSeconds = 5;

/**
 * The awk code for buckets and sums, which all log scripts share. It prints a line "bucket AGE
 * ERRORS REQUESTS LINES" for every bucket with lines. It prints a line "unread AGE LINES" for every
 * bucket with unreadable lines. The last line is "end NOW STATUS".
 */
export const awkTotals = `
  BEGIN { pattern = ENVIRON["PLIMSOLL_PATTERN"]; status = 1; oldest = 0 }
  function age_of(at,   age) {
    age = int((now - at) / size)
    return age < 0 ? 0 : age
  }
  function count(age) {
    if (age > oldest) oldest = age
    lines[age]++
  }
  function requested(text) {
    sub(/^<[0-7]>/, "", text)
    return text ~ pattern
  }
  END {
    for (age = oldest; age >= 0; age--) {
      if (lines[age]) print "bucket", age, errors[age] + 0, requests[age] + 0, lines[age]
      if (unread[age]) print "unread", age, unread[age]
    }
    print "end", now, status
  }`;
