import { signed } from '../forgery.ts';
import type { Who, World } from '../forgery.ts';
import type { Edit } from '../unguarded.ts';
import { form, policy } from './attack.ts';
import type { Attack, Form } from './attack.ts';

const by = (who: Who): Form => form(`by ${who}`, { approver: who }, { by: who });
const unknown = (name: string, who: Who = 'nina'): Form => ({
  ...form(`as ${name}`, { approver: name }, { by: who }),
  why: () => `${name} is not a configured approver`,
});
const alone =
  (who: Who, what: string) =>
  ({ sealed: { plan } }: World) =>
    `${who} ${what} and cannot be its only approver; ask ${plan.rule.eligible.join(' or ')}`;

const eligible = (also: string): Edit => [
  policy,
  'if (rule.eligible.includes(approver)) return null;',
  `if (rule.eligible.includes(approver) || ${also}) return null;`,
];
const ruling = 'activities/approval/ruling.ts';
const emails = (without: string): Edit => [
  'activities/git/commits.ts',
  'const emails = [author, committer, ...coAuthors(message)]',
  `const emails = [author, committer, ...coAuthors(message)].filter((_, at) => !(${without}))`,
];
/**
 * Edits that make the code treat a person as an approver. `who` is the source text of a condition
 * that is true for this person.
 */
const onEveryList = (who: string): Edit[] => [
  [
    policy,
    'if (!people.approvers.includes(approver)) return',
    `if (!people.approvers.includes(approver) && !(${who})) return`,
  ],
  [policy, 'const known = it.people.approvers.includes(decision.approver)', 'const known = true'],
  [
    'domain/approval/approval-state.ts',
    'rule.eligible.includes(approver)',
    `(rule.eligible.includes(approver) || ${who})`,
  ],
];

/** Genuine signatures of people who must not approve this deploy. */
export const ofThePerson: Attack[] = [
  {
    name: 'by an agent',
    why: 'casey is an agent: it may request deploys, but never approve',
    guard: [
      [policy, 'if (people.requesters.includes(approver))', 'if (false)'],
      ...onEveryList("approver === 'casey'"),
      [ruling, '{ approvers, revoked, slack }', '{ approvers, requesters, revoked, slack }'],
      [ruling, '{ people = approvers, at }', '{ people = { ...requesters, ...approvers }, at }'],
      eligible("approver === 'casey'"),
    ],
    forms: [by('casey')],
  },
  {
    name: 'by nobody known',
    why: '',
    guard: [
      ...onEveryList('/^(?!casey)/.test(approver)'),
      [
        ruling,
        'if (!keys) return {',
        "if (!keys) return { ok: true, keyType: '', touch: false }; else if (!keys) return {",
      ],
      eligible("!['casey', 'zoe'].includes(approver) && !rule.notAlone.flat().includes(approver)"),
    ],
    forms: [
      unknown('eve', 'eve'),
      unknown('mallory', 'mallory'),
      unknown('Nina'),
      unknown('constructor'),
    ],
  },
  {
    name: 'by the requester',
    why: alone('morgan', 'requested this deploy'),
    guard: [
      [
        'domain/approval/rule.ts',
        'humans.includes(input.requestedBy) ? [[input.requestedBy]] : []',
        '[] as string[][]',
      ],
    ],
    place: { writtenBy: 'a bot' },
    forms: [by('morgan')],
  },
  {
    name: 'by the author',
    why: alone('robin', 'wrote commits of this deploy'),
    guard: [emails('at === 0')],
    forms: [by('robin')],
  },
  {
    name: 'by the committer',
    why: alone('kim', 'wrote commits of this deploy'),
    guard: [emails('at === 1')],
    forms: [by('kim')],
  },
  {
    name: 'by a co-author',
    why: alone('lee', 'wrote commits of this deploy'),
    guard: [emails('at === 2')],
    forms: [by('lee')],
  },
  {
    name: 'by somebody made an approver after it was planned',
    why: ({ sealed: { plan } }) =>
      `zoe was not an approver when this deploy was planned; ask ${plan.rule.eligible.join(' or ')}`,
    guard: [
      eligible("approver === 'zoe'"),
      [
        'domain/approval/approval-state.ts',
        'rule.eligible.includes(approver)',
        "(rule.eligible.includes(approver) || approver === 'zoe')",
      ],
    ],
    place: { planned: 'before zoe' },
    forms: [by('zoe')],
  },
  {
    name: 'one person twice, where two are needed',
    why: 'nina has approved already',
    guard: [
      [policy, 'if (!last) return null;', 'return null;'],
      [
        'domain/approval/quorum.ts',
        'new Set(names).size : names.length',
        'names.length : names.length',
      ],
    ],
    place: { approvers: 2 },
    before: { counted: (world) => signed(world) },
    forms: [form('signed once more', {})],
  },
];
