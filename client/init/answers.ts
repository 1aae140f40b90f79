import { UserError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import type { Detected } from './detect.ts';

type Asked = 'repository' | 'project' | 'host' | 'directory' | 'service' | 'health' | 'url';
export type Answers = Record<Asked, string>;
export type Given = Partial<Answers>;

type Question = {
  key: Asked;
  text: string;
  /**
   * Returns the default answer. On a terminal, a person may type another answer. Without a
   * terminal, the default is used.
   */
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
  { key: 'service', text: 'Name of the systemd unit', known: ({ project }) => project },
  {
    key: 'health',
    text: 'Health check URL on the host itself (http://127.0.0.1:3000/healthz)',
  },
  { key: 'url', text: 'Public address of the service (https://shop.example.com)' },
];

/**
 * Collects the answers. An answer comes from the options, else from the person, else from the
 * detected values. Throws a UserError (exit 2) if an answer is missing.
 */
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
    `init has no value for ${flags.join(', ')}. Nothing was written.\n` +
      'Give each value as an option, for example: --host deploy@shop.example.com --url https://shop.example.com ' +
      '--health http://127.0.0.1:3000/healthz',
    exitCodes.usage,
  );
