/** One line at a time with the seconds since the start; no animation, so it reads the same in a log. */
export function narrator(out: NodeJS.WriteStream): (line: string) => void {
  const start = Date.now();
  return (line) => {
    const seconds = ((Date.now() - start) / 1000).toFixed(0).padStart(4);
    out.write(`${seconds} s  ${line}\n`);
  };
}
