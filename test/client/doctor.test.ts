import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { doctor } from '../../client/commands/doctor.ts';
import type { Session } from '../../client/connect.ts';
import { attributes } from '../../client/doctor-server.ts';
import { searchAttributes } from '../../domain/messages.ts';
import { recordedIo } from '../support/io.ts';
import { configText } from '../worker/doctor/doctor-fixture.ts';

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

it('tells a bad configuration and a server that is away, and what could not be looked at', async () => {
  const io = recordedIo({ env });
  const config = file('bad.yaml', 'projects: {}\n');
  expect(await doctor(io, { config })).toBe(1);
  expect(io.stdout.slice(3).join('\n')).toBe(`problem    configuration
           ${config} cannot be used: one problem. Nothing was started.

           ${config}:1:1  approvers
             The key "approvers" is missing.

           Every key with its meaning: npx --no plimsoll schema --example
           Checked while you type: npx --no plimsoll schema > plimsoll.schema.json, and as first line of ${config}:
           # yaml-language-server: $schema=./plimsoll.schema.json
problem    Temporal
           No Temporal server answers at 127.0.0.1:1. Nothing was changed.
           On this machine, everything at once:  npx --no plimsoll up
           A server elsewhere:  TEMPORAL_ADDRESS=host:7233 npx --no plimsoll …  (or TEMPORAL_PROFILE=name)
unchecked  search attributes: needs Temporal
unchecked  worker: needs the configuration
unchecked  secrets: needs the configuration
unchecked  ledger: needs the configuration
unchecked  hosts: needs the configuration
unchecked  GitHub: needs the configuration
unchecked  Slack: needs the configuration
unchecked  page: needs the configuration`);
  expect(io.stderr).toEqual([
    '\n2 problems. Mend from the top: the first may be why of the others. ' +
      'Then: npx --no plimsoll doctor',
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
      within: (call: () => unknown) => call(),
      client: {
        connection: {
          operatorService: { listSearchAttributes: async () => ({ customAttributes: known }) },
        },
      },
    }) as unknown as Session;
  expect(await attributes(session(customAttributes))).toBe('registered');
  const { PlimsollPhase: _, PlimsollCommit: __, ...fewer } = customAttributes;
  await expect(attributes(session(fewer))).rejects.toThrow(
    `Not registered in namespace mine: PlimsollPhase, PlimsollCommit.
A worker does it when it starts: npx --no plimsoll worker
Where it may not: temporal operator search-attribute create --namespace mine \\
  --name PlimsollPhase --type Keyword \\
  --name PlimsollCommit --type Keyword`,
  );
});
