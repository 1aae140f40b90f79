import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { doctor } from '../../../client/commands/doctor.ts';
import type { Connected } from '../../../client/session/connect.ts';
import { attributes } from '../../../client/session/doctor-server.ts';
import { searchAttributes } from '../../../domain/deploy/wire.ts';
import { recordedIo } from '../../support/io.ts';
import { configText } from '../../worker/doctor/doctor-fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'plimsoll-doctor-'));
const file = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
const env = {
  PATH: process.env['PATH'],
  HOME: directory,
  TEMPORAL_CONFIG_FILE: join(directory, 'none.toml'),
  TEMPORAL_ADDRESS: '127.0.0.1:1',
};

it('reports a bad configuration, an unreachable server, and what could not be checked', async () => {
  const io = recordedIo({ env });
  const config = file('bad.yaml', 'projects: {}\n');
  expect(await doctor(io, { config })).toBe(1);
  expect(io.stdout.slice(3).join('\n')).toBe(`problem    configuration
           ${config} cannot be used: one problem. Nothing was started.

           ${config}:1:1  approvers
             The key "approvers" is missing.

           See every key with its meaning: plimsoll schema --example
           To check the file while you type: plimsoll schema > plimsoll.schema.json
           Then write this as the first line of ${config}:
           # yaml-language-server: $schema=./plimsoll.schema.json
problem    Temporal
           No Temporal server answers at 127.0.0.1:1. Nothing was changed.
           Start everything on this machine:  plimsoll up
           Use a server elsewhere:  TEMPORAL_ADDRESS=host:7233 plimsoll …  (or TEMPORAL_PROFILE=name)
           Use the door of a worker:  PLIMSOLL_SERVER=https://host plimsoll …
unchecked  search attributes: needs Temporal
unchecked  worker: needs the configuration
unchecked  secrets: needs the configuration
unchecked  seal: needs the configuration
unchecked  ledger: needs the configuration
unchecked  hosts: needs the configuration
unchecked  GitHub: needs the configuration
unchecked  Slack: needs the configuration
unchecked  page: needs the configuration`);
  expect(io.stderr).toEqual([
    '\n2 problems. Fix the first problem first, because it may cause the others. ' +
      'Then run: plimsoll doctor',
  ]);
});

it('is one value with --json, every check in it, whatever is wrong', async () => {
  const io = recordedIo({ env, json: true });
  const ledger = join(directory, 'ledger.db');
  const config = file('good.yaml', configText({ top: { ledger } }));
  expect(await doctor(io, { config })).toBe(1);
  expect(io.stderr).toEqual([]);
  const { ok, findings } = JSON.parse(io.stdout.join('\n'));
  expect(ok).toBe(false);
  expect(findings.map(({ check, state }: Record<string, string>) => `${check}: ${state}`)).toEqual([
    'node: ok',
    'git: ok',
    'ssh-keygen: ok',
    'configuration: ok',
    'Temporal: problem',
    'search attributes: unchecked',
    'worker: unchecked',
    'secrets: ok',
    'seal: ok',
    'builds: absent',
    'ledger: ok',
    'host deploy@127.0.0.1:1: problem',
    'GitHub: absent',
    'budget: absent',
    'Slack: absent',
    'page: absent',
  ]);
});

it('names the search attributes that are missing, with the command that makes them', async () => {
  const customAttributes = Object.fromEntries(
    Object.values(searchAttributes).map((name) => [name, 2]),
  );
  const session = (known: Record<string, number>) =>
    ({
      namespace: 'mine',
      client: {
        withDeadline: (_: number, call: () => unknown) => call(),
        connection: {
          operatorService: { listSearchAttributes: async () => ({ customAttributes: known }) },
        },
      },
    }) as unknown as Connected;
  expect(await attributes(session(customAttributes))).toBe('registered');
  const { PlimsollPhase: _, PlimsollCommit: __, ...fewer } = customAttributes;
  await expect(attributes(session(fewer))).rejects.toThrow(
    `These search attributes are not registered in namespace mine: PlimsollPhase, PlimsollCommit.
A worker registers them when it starts: plimsoll worker
If the worker may not register them: temporal operator search-attribute create --namespace mine \\
  --name PlimsollPhase --type Keyword \\
  --name PlimsollCommit --type Keyword`,
  );
});
