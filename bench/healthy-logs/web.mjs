// One small shop with a usual framework and a usual logger. Arguments: program, port.
const [program, port] = process.argv.slice(2);
const bring = async (name) => (await import(name)).default;
const answers = (app, json) => {
  app.use(json());
  app.get('/', (_, to) => to.send('shop'));
  app.post('/cart', (request, to) => to.json(request.body));
};

const programs = {
  'express-morgan': async () => {
    const [express, morgan] = [await bring('express'), await bring('morgan')];
    const app = express();
    app.use(morgan('combined'));
    answers(app, express.json);
    app.listen(port);
  },
  'express-pino-http': async () => {
    const [express, pinoHttp] = [await bring('express'), await bring('pino-http')];
    const app = express();
    app.use(pinoHttp());
    answers(app, express.json);
    app.listen(port);
  },
  'express-winston': async () => {
    const [express, winston] = [await bring('express'), await bring('winston')];
    const logger = winston.createLogger({
      format: winston.format.json(),
      transports: [new winston.transports.Console()],
    });
    const app = express();
    app.use((request, to, next) => {
      to.on('finish', () =>
        logger.info(`"${request.method} ${request.url} HTTP/1.1" ${to.statusCode}`),
      );
      next();
    });
    answers(app, express.json);
    app.listen(port);
  },
  fastify: async () => {
    const app = (await bring('fastify'))({ logger: true });
    app.get('/', async () => 'shop');
    app.post('/cart', async (request) => request.body);
    await app.listen({ port: Number(port) });
  },
  'koa-bunyan': async () => {
    const [Koa, bunyan] = [await bring('koa'), await bring('bunyan')];
    const logger = bunyan.createLogger({ name: 'shop' });
    const app = new Koa();
    app.use(async (context, next) => {
      await next();
      logger.info({ res: { statusCode: context.status } }, `${context.method} ${context.url}`);
    });
    app.use((context) => {
      if (context.path === '/' || context.path === '/cart') context.body = 'shop';
    });
    app.listen(port);
  },
  'log4js-http': async () => {
    const [log4js, http] = [await bring('log4js'), await bring('node:http')];
    log4js.configure({
      appenders: { out: { type: 'stdout' } },
      categories: { default: { appenders: ['out'], level: 'info' } },
    });
    const logger = log4js.getLogger('shop');
    http
      .createServer((request, to) => {
        logger.info(`"${request.method} ${request.url} HTTP/1.1" 200 4`);
        request.resume();
        to.end('shop');
      })
      .listen(port);
  },
};
await programs[program]();
