/**
 * The compose files of a service: paths below the repository, separated by ":" as in COMPOSE_FILE.
 * A later file wins. plimsoll.yaml and the commands for a host accept the same texts.
 */
const one = /(?![/-])(?!(?:[^:]*\/)?\.\.(?:[/:]|$))[A-Za-z0-9/._@+-]+/.source;
export const composeFiles = new RegExp(`^${one}(?::${one})*$`);
