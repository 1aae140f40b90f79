import { plimsoll } from '../deploy/wire.ts';

const name = 'PLIMSOLL_SERVER (or --server)';

export const wrongServer = (server: string) =>
  `${name} needs the address of the door, such as https://deploy.example.com, not ` +
  `${JSON.stringify(server.slice(0, 200))}.\n` +
  "Use the address in web.url of the worker's plimsoll.yaml.";

export const insecureServer = (server: string) =>
  `${name} is ${server}: without https, everybody between you and the door could use your session.\n` +
  `Use the https:// address in web.url of the worker's plimsoll.yaml. http:// is for 127.0.0.1 only.`;

export const doorAway = (origin: string, why: string) =>
  `No door of Plimsoll answers at ${origin} (${why}).\n` +
  `Check ${name}. The door is open while a worker with "web:" in plimsoll.yaml runs: ${plimsoll} worker`;

export const answersNoJson = (origin: string, status: number) =>
  `${origin} answers with HTTP ${status}, but not as a door of Plimsoll.\n` +
  `Check ${name}, and the proxy in front of the door.`;

export const onlyOwnName = (by: string, own: string) =>
  `Through the door, a person can name only themselves: --by ${by} is not ${own}.\n` +
  `Use --by ${own}, or sign as ${by} with PLIMSOLL_AS and PLIMSOLL_KEY.`;

export const sessionNotKept = (path: string, why: string) =>
  `The session could not be stored in ${path} (${why}), so the next command signs a new login.`;
