/**
 * Returns a function that prints one line with the seconds since the start. The output has no
 * animation, so that a log file shows the same text as a terminal.
 */
export function narrator(out: NodeJS.WriteStream): (line: string) => void {
  const start = Date.now();
  return (line) => {
    const seconds = ((Date.now() - start) / 1000).toFixed(0).padStart(4);
    out.write(`${seconds} s  ${line}\n`);
  };
}
