/** Where a command reads and writes: data on stdout, messages on stderr. */
export type Io = {
  out: (text: string) => void;
  say: (text: string) => void;
  /** `text` for people, `value` with --json. */
  data: (value: unknown, text: string) => void;
  json: boolean;
  color: boolean;
  /** A terminal that may be drawn upon. */
  live: boolean;
  /** Somebody is there who can be asked, and may be. */
  asks: boolean;
  /** One line from the terminal, without its end. */
  ask: (question: string) => Promise<string>;
  env: NodeJS.ProcessEnv;
};

export type GlobalOptions = { json?: boolean; input?: boolean; color?: boolean };

export function createIo({ json = false, input = true, color = true }: GlobalOptions): Io {
  const { stdin, stdout, stderr, env } = process;
  const write = (stream: NodeJS.WriteStream) => (text: string) => void stream.write(`${text}\n`);
  const out = write(stdout);
  const terminal = Boolean(stderr.isTTY) && env['TERM'] !== 'dumb';
  return {
    out,
    say: write(stderr),
    data: (value, text) => out(json ? JSON.stringify(value) : text),
    json,
    color: color && !env['NO_COLOR'] && terminal && Boolean(stdout.isTTY),
    live: terminal && !json,
    asks: input && !json && Boolean(stdin.isTTY) && Boolean(stderr.isTTY),
    ask,
    env,
  };
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
