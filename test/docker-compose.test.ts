import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { serverSettings } from '../worker/engine/server-settings.ts';
import { searchAttributeNames } from '../worker/search-attributes.ts';

const file = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docker-compose.temporal.yml');

type Service = {
  image: string;
  command?: string[];
  ports: string[];
  environment?: Record<string, string>;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, unknown> };
const compose = parse(readFileSync(file, 'utf8')) as Compose;

test('every port is on loopback alone', () => {
  const ports = Object.values(compose.services).flatMap((service) => service.ports);
  expect(ports).toEqual(['127.0.0.1:7233:7233', '127.0.0.1:8233:8080']);
});

test('images are pinned', () => {
  const images = Object.values(compose.services).map(({ image }) => image);
  expect(images).toEqual(['temporalio/temporal:1.5.1', 'temporalio/ui:2.42.1']);
});

test('the server keeps its data and knows our search attributes', () => {
  const command = compose.services.temporal?.command ?? [];
  expect(command).toEqual(
    expect.arrayContaining(
      searchAttributeNames.map((name) => `--search-attribute=${name}=Keyword`),
    ),
  );
  expect(command).toContain('--db-filename=/data/temporal.db');
  expect(Object.keys(compose.volumes)).toEqual(['temporal-data']);
});

test('the server has the limits of the server of `plimsoll up`', () => {
  const command = compose.services.temporal?.command ?? [];
  const found = command.filter((word) => word.startsWith('--dynamic-config-value='));
  expect(found).toEqual(serverSettings.map((setting) => `--dynamic-config-value=${setting}`));
});

test('only pages of the Web UI may use its API', () => {
  const { ports = [], environment = {} } = compose.services.ui ?? {};
  const [[, port] = []] = ports.map((one) => one.split(':'));
  expect(environment).toMatchObject({
    TEMPORAL_CORS_ORIGINS: `http://127.0.0.1:${port},http://localhost:${port}`,
    TEMPORAL_CORS_UNSAFE_ALLOW_ALL_ORIGINS: 'false',
  });
});

test('the Web UI offers no Terminate and no Reset', () => {
  expect(compose.services.ui?.environment).toMatchObject({
    TEMPORAL_WORKFLOW_TERMINATE_DISABLED: 'true',
    TEMPORAL_WORKFLOW_RESET_DISABLED: 'true',
    TEMPORAL_BATCH_ACTIONS_DISABLED: 'true',
    TEMPORAL_START_WORKFLOW_DISABLED: 'true',
  });
});

/**
 * The installed client: `docker compose` or the older `docker-compose`. Without a client, only the
 * tests above check the file.
 */
const client = [['docker', 'compose'], ['docker-compose']].find(
  ([command = '', ...args]) => spawnSync(command, [...args, 'version']).status === 0,
);

test(`compose itself reads it (client here: ${client?.join(' ') ?? 'none'})`, () => {
  expect(Object.keys(compose.services)).toEqual(['temporal', 'ui']);
  if (!client) return;
  const [command = '', ...args] = client;
  const output = execFileSync(command, [...args, '-f', file, 'config', '--format', 'json']);
  expect(Object.keys(JSON.parse(String(output)).services).toSorted()).toEqual(['temporal', 'ui']);
});
