/** A loader for webpack: replaces the text `from` of a file with `to`. */
module.exports = function replace(source) {
  const { from, to } = this.getOptions();
  return source.split(from).join(to);
};
