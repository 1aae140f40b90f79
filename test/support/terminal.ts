import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './e2e.ts';

export type TerminalOptions = {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** For the typed text, as files that the shell reads. */
  scratch: string;
  /** What a person types at the end of a line that asks. */
  answers: [question: RegExp, answer: (match: RegExpExecArray) => string][];
};
export type Terminal = ReturnType<typeof openTerminal>;

const end = /^<end (\d+)>$/m;
const shell = 'bash --noprofile --norc --noediting -i';
/** Without prompts and echo: what is shown is what programs say. */
const quiet = "PS1='' PS2=''; stty -echo; echo '<re''ady>'";

/** A shell on a real pseudo-terminal, by script(1): programs see a person. */
export function openTerminal({ cwd, env, scratch, answers }: TerminalOptions) {
  const child = spawn('script', ['-qfec', shell, '/dev/null'], { cwd, env, stdio: 'pipe' });
  const ended = once(child, 'close');
  let screen = '';
  let [read, answered, blocks] = [0, 0, 0];
  const type = (line: string) => void child.stdin?.write(`${line}\n`);
  child.stdout?.on('data', (chunk: Buffer) => {
    screen += chunk.toString().replaceAll('\r', '');
    for (const [question, answer] of answers) {
      const asked = question.exec(screen.slice(answered));
      if (!asked) continue;
      answered = screen.length;
      type(answer(asked));
    }
  });
  type(quiet);
  const begin = async (before: string, block: string, after: string) => {
    await eventually('the shell is there', () => screen.includes('<ready>\n'));
    const file = join(scratch, `${child.pid}-${(blocks += 1)}.sh`);
    writeFileSync(file, block);
    read = screen.length;
    type(`${before}. ${file}${after}`);
  };
  const since = () => screen.slice(read);
  return {
    /** Everything that was shown. */
    screen: () => screen,
    /** Begins what ends only by Ctrl-C. */
    start: (block: string) => begin('', block, ''),
    /** Runs a block to its end: to its first line that fails, unless another exit than 0 is expected. */
    async run(block: string, expected: number): Promise<string> {
      await begin(expected === 0 ? 'set -e; ' : '', block, '; echo "<end $?>"; set +e');
      const gone = ended.then(() => Promise.reject(new Error(`${block}failed:\n${since()}`)));
      const code = await Promise.race([untilEnd(block, since), gone]);
      if (code !== expected) throw new Error(`${block}ended with ${code}:\n${since()}`);
      return since().replace(end, '');
    },
    interrupt: () => void child.stdin?.write('\x03'),
    async close() {
      if (child.exitCode === null) type('exit');
      await ended;
    },
    kill: () => kill(child),
  };
}

/** On a busy machine one watch alone lasts up to four of its windows. */
const patienceMs = 300_000;

const untilEnd = (block: string, since: () => string) =>
  eventually(block, () => end.exec(since()), patienceMs).then(
    ([, code]) => Number(code),
    (cause: Error) => {
      throw new Error(`${cause.message}:\n${since()}`, { cause });
    },
  );

const kill = ({ pid, exitCode }: ChildProcess) => {
  if (pid !== undefined && exitCode === null) process.kill(pid, 'SIGKILL');
};
