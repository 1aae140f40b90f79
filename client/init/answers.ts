import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Detected } from './detect.ts';

export type Asked = 'repository' | 'project' | 'host' | 'directory' | 'service' | 'health' | 'url';
export type Answers = Record<Asked, string>;
export type Given = Partial<Answers>;

type Question = {
  key: Asked;
  text: string;
  /** Offered when asked, and taken where nobody is. */
  known?: (so: Given, found: Detected) => string | undefined;
};

const questions: Question[] = [
  { key: 'repository', text: 'Repository', known: (_, { repository }) => repository },
  { key: 'project', text: 'Name of the project', known: (_, { project }) => project },
  { key: 'host', text: 'Host, as user@host or user@host:port' },
  {
    key: 'directory',
    text: 'Directory on the host',
    known: ({ project }) => project && `/srv/${project}`,
  },
  { key: 'service', text: 'Its systemd unit', known: ({ project }) => project },
  { key: 'health', text: 'Health, as the host itself asks it (http://127.0.0.1:3000/healthz)' },
  { key: 'url', text: 'Its address for the world (https://shop.example.com)' },
];

/** Flags first, then the person, then what was found. UserError, exit 2: nobody said it. */
export async function answers(io: Io, given: Given, found: Detected): Promise<Answers> {
  const so: Given = { ...given };
  for (const { key, text, known } of questions) {
    if (so[key]) continue;
    const offer = known?.(so, found);
    const typed = io.asks ? (await io.ask(`${text}${offer ? ` [${offer}]` : ''}: `)).trim() : '';
    const value = typed || offer;
    if (value) so[key] = value;
  }
  const missing = questions.filter(({ key }) => !so[key]).map(({ key }) => `--${key}`);
  if (missing.length > 0) throw lacking(missing);
  return so as Answers;
}

const lacking = (flags: string[]) =>
  new UserError(
    `init needs ${flags.join(', ')}: nobody answered. Nothing was written.\n` +
      'For example: --host deploy@shop.example.com --url https://shop.example.com ' +
      '--health http://127.0.0.1:3000/healthz',
    exitCodes.usage,
  );
