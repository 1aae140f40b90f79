/**
 * Names that git accepts for a branch or a tag (git check-ref-format). A name that begins with "-"
 * is refused, because git would read it as an option.
 */
export const plainRef =
  // oxlint-disable-next-line no-control-regex
  /^(?![-/@]$)(?![-/])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|[./]$))(?!\.)[^\0-\x20\x7f~^:?*[\\]{1,255}$/;
