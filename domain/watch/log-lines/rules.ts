/**
 * The rules that find the errors in a log. Hosts apply the same rules with awk, so every pattern
 * must mean the same in JavaScript and in any awk. A pattern has no backslash, no count such as
 * {3}, no look-ahead, no lazy repetition, no single quote and no bracket inside a class.
 *
 * Before the `head` patterns are applied, the brackets [ ] < > of a line are replaced by ( ), and
 * its backslashes by dots.
 */
const errorWords =
  'ERROR|ERR|EROR|ERRO|FATAL|FTL|FATA|PANIC|PANI|DPANIC|CRITICAL|CRIT|CRI|SEVERE|ALERT|EMERGENCY|EMERG|FAIL|FAILURE';
const fatalWords =
  'FATAL|FTL|FATA|PANIC|PANI|DPANIC|CRITICAL|CRIT|CRI|ALERT|EMERGENCY|EMERG|F|CRASH';
const quietWords =
  'INFO|INFORMATION|INFORMATIONAL|INF|WARN|WARNING|WRN|WARNI|DEBUG|DEBU|DBUG|DBG|TRACE|TRAC|TRCE|TRC|NOTICE|NOTI|' +
  'VERBOSE|VRB|SILLY|LOG|DETAIL|HINT|STATEMENT|CONTEXT|QUERY|FINE|FINER|FINEST|CONFIG|SUCCESS|AUDIT|OK';

/** The end of an exception's name, such as "Error" in TypeError. */
const thrown = '(Error|Exception(Group)?|Failure|Fault|Rejection|Interrupt|Panic)';

export const rules = {
  /**
   * Control sequences of terminals, such as colours. Their first character is Escape. In JSON, this
   * character is written \u001b.
   */
  ansi: '.u001[bB][[][0-9;]*m|\u001b[[][0-9;:?]*[ -.]*[@-~]|\u001b][^\u0007\u001b]*(\u0007|\u001b)?|\u001b',

  /** If a line does not match, it is not an error. Then the expensive rules skip it. */
  suspect:
    'err|callstack|fata|pani|crit|sever|alert|emerg|fail|eror|except|traceback|uncaught|unhandled|segmentation|' +
    'terminate called|signal|core dumped|[*][*] [(]|ftl|crash|rejection|interrupt|fault|errno|' +
    '(overflow|smashing|free) detected|(free|malloc|realloc)[(][)]: |' +
    '(level|lvl|severity|levelno|level_value|severitynumber)" ?: ?"?([0-3][,} "]|[5-9][0-9]|[4-9][0-9][0-9])|' +
    '"s" ?: ?"[ef]|(^|[^a-z0-9])[ef]( ?[0-9]|,|$)',

  // Rules that do not depend on the declared level.
  access: {
    /** A line of an access log. Clients choose its words, so the words prove no error. */
    line:
      '"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PROPFIND|QUERY) [^"]*" ?:?-? ?[1-5][0-9][0-9]([^0-9]|$)|' +
      '^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /[^ ]* [1-5][0-9][0-9]( |$)|' +
      '] [1-5][0-9][0-9] (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /[^ ]* [(]|^[[]GIN] |' +
      '" [1-5][0-9][0-9] ([0-9]+|-)( "[^"]*" "[^"]*"|$)',
    /** The logger that writes the access log of Caddy. */
    logger: '"logger": ?"http[.]log[.]access',
  },
  /**
   * A line that is an error, even if it declares a lower level. Either a process died, or a web
   * server reports the end of a worker.
   */
  always:
    'PHP message: PHP (Fatal|Parse|Recoverable fatal|Core|Compile) error|panic recovered:|' +
    'exited on signal (4|6|7|8|11)([^0-9]|$)|exited with fatal code|[(]core dumped[)]|' +
    // Messages of glibc and of Rust's library before they abort the process.
    '(buffer overflow|stack smashing) detected|^Fatal glibc error|^(free|malloc|realloc)[(][)]: [a-z]|' +
    '^[^ ]+: .*: Assertion .* failed[.]|^memory allocation of [0-9]+ bytes failed|^fatal runtime error: ',

  // The words of a level, in upper case.
  errorLevel: `^(${errorWords})$`,
  fatalLevel: `^(${fatalWords})$`,
  quietLevel: `^(${quietWords})$`,
  /**
   * These levels are also English words. Without a time or a mark before it, such a word only
   * begins a sentence.
   */
  ambiguousLevel: '^(CRITICAL|CRIT|CRI|SEVERE|ALERT|EMERGENCY|EMERG|FAIL|FAILURE|PANIC)$',
  levelNumber: '^[+-]?[0-9]+$',

  /** The form of an exception in Elixir. */
  elixir: '^[*][*] [(][A-Z]',
  /** The prefix that pm2 writes before a line. */
  prefix: '^[0-9]+[|][^|]*[|] ',
  /** A warning. A stack trace may follow it. */
  warning: '(^|[^A-Za-z])(WARN|WARNING|DEBUG|TRACE)([^A-Za-z]|$)',
  qualified: '^[a-z][A-Za-z0-9_]*[.][A-Za-z0-9_.]*[A-Z][A-Za-z0-9_$]*:|^(System|Microsoft)[.]',

  head: {
    separators: '^([^!-~]|[|*#=,;:~>/+-])+',
    /** A sign that a program writes before a level, such as ✖. */
    sign: '[^ -~\t]',
    token: '^[^ \t(),|]+',
    /** The end of a token that is a level: `ERROR:`, `ERROR:root:boom`, `ERROR/MainProcess`. */
    afterLevel: '^([:/!=+].*)?$',
    letterLevel: '^[EF]$',
    letterQuiet: '^[DIWAT]$',
    klogError: '^[EF][01][0-9][0-3][0-9]$',
    klogQuiet: '^[IW][01][0-9][0-3][0-9]$',
    time: '[0-9]:[0-9][0-9]|[0-9][0-9][0-9][0-9][-/.][0-9][0-9]|^[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]',
    /** Words between a time and a level. */
    filler:
      '[0-9]|^(AM|PM|UTC|GMT|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[,.]?$',
    /** Names of loggers, modules and hosts. */
    name: '[.:=@_/-]',
    exception: `^([A-Za-z_][A-Za-z0-9_$]*(::|[.]))*([A-Z][A-Za-z0-9_$]*)?${thrown}(:.*)?$`,
    /** Error classes of Ruby whose names do not end with Error. */
    rubyException:
      '^(Errno|PG|ActiveRecord|ActiveJob|ActionView|ActionController|Net|OpenSSL|Redis|Mysql2|Faraday|Rack|Sequel)(::[A-Z][A-Za-z0-9]*)+:?$',
    phrase:
      '^(panic: |fatal error: |Fatal error: |Parse error: |http: panic serving|Traceback .most recent call last.:|' +
      'thread .*panicked at |Exception in thread |Exception: |Unhandled (exception|rejection|[Pp]romise|error)|' +
      'Uncaught |terminate called |Segmentation fault|Exception Group Traceback|Internal Server Error: /|npm (ERR!|error) |' +
      'PHP (message: PHP )?(Fatal|Parse|Recoverable fatal|Core|Compile) error|CRASH REPORT|Assertion failed: |' +
      'CallStack .from HasCallStack.:|[^ ]+[.]rb:[0-9]+:in .*[(][A-Z][A-Za-z0-9:]*' +
      `${thrown}[)]|[{] ?.?(level|severity).?: ?.(error|fatal|critical))`,
    fatalPhrase:
      '^(panic: |fatal error: |Fatal error: |Traceback|thread |Exception in thread |Unhandled |Uncaught |terminate |PHP |CRASH)',
    /** A level in the middle of a line. */
    inside: ' (ERROR|FATAL|CRITICAL): [^0-9 ]',
    insideException: `#[(][A-Z][A-Za-z0-9:]*${thrown}: `,
    logfmt: '^[A-Za-z_.@-]+=',
  },

  // Pairs of key=value: logfmt.
  pairLevel: '(^|[ \t])(level|lvl|severity|log[._]level|loglevel|lev|Level)=',
  pairMessage: '(^|[ \t])(msg|message|event|err|error|time|ts|t|caller|logger)=',

  // JSON, by its keys.
  levelKey:
    '^(level|lvl|severity|levelname|level_name|levelName|log.level|log_level|logLevel|loglevel|LogLevel|Level|LEVEL|' +
    '@l|@level|severityText|severity_text|SeverityText|error_severity|Severity|s|prio_label)$',
  nestedLevelKey: '^(log|record|level)$',
  statusKey: '^(status|statusCode|status_code)$',
  responseKey: '^(res|response|http|httpResponse)$',
  errorKey: '^(err|error|exception)$',

  // Lines that belong to an error, after its first line.
  more: {
    frame: '^[ \t]*(at |File "|[.][.][.] [0-9]|from )',
    line:
      '^(at |Caused by|Suppressed: |[.][.][.] [0-9]|Stack trace:|Stacktrace:|Backtrace:|stack backtrace:|[[]stacktrace]|#[0-9]+ |' +
      'note: |exit status |goroutine [0-9]|created by |[[]signal |[[](recovered|cause)]|Node[.]js v|([)};,]|])+$|"[}]|' +
      'thrown in |PHP +[0-9]+[.] |PHP Stack trace:|During handling of|The above exception|--- End of|---> |' +
      '[*][*] [(]|[(][a-z_0-9]+ [0-9.]+[)] |[|] |[+]-|[^ ]*[.]rb:[0-9]+:in |[^ ]+[.](js|mjs|cjs|ts):[0-9]+(:[0-9]+)?$|' +
      'Last message|State: |Ancestors: |Function: |Args: |Debugging with|> |npm (ERR!|error) |Timed out|rejected|[A-Za-z0-9_./*()-]+[(].*[)]$)',
    twin: '^((Fatal|Parse) error: |[^ ]+[.]rb:[0-9]+:in )',
    last: '^[A-Za-z_][A-Za-z0-9_.]*(:|$)',
    /** A panic of Rust. The next line is its message, and may contain any text. */
    panic: '^thread .*panicked at ',
    /** The causes that Node prints inside an error. */
    inner: '^[ \t]+[[](cause|errors)]: ',
    /** An exception of JavaScript whose class has no name of its own. */
    plain: '^Error: ',
    /** Text between two exceptions of the same trace. */
    chained: '^(During handling of|The above exception)',
  },

  /**
   * Errors that a bad request of a client causes. The service is right to refuse such a request.
   */
  stranger:
    // nginx
    '(failed .(2: No such file|20: Not a directory|36: File name)|is not found .2:|directory index of .* is forbidden|' +
    'access forbidden by rule|client intended to send too large|client sent |SSL_do_handshake.. failed|' +
    'in SSL handshake|while SSL handshaking|limiting (requests|connections)|user ".*" was not found|no user/password was provided|' +
    'password mismatch|client timed out|client prematurely closed|invalid host in|too long (request|URI)|' +
    'while (waiting for request|reading client|keepalive)).*client: |' +
    // Apache httpd
    'AH00(126|127|128|135):|AH01(276|617|618|630|797):|AH0(2032|2033|2811):|AH10244:|script not found or unable to stat|' +
    // frameworks
    'DisallowedHost|Invalid HTTP_HOST header|SuspiciousOperation|SuspiciousFileOperation|RequestDataTooBig|' +
    'ActionController::(RoutingError|BadRequest|UnknownFormat|InvalidAuthenticityToken|ParameterMissing|UnknownHttpMethod|MethodNotAllowed)|' +
    'ActionDispatch::Http::|ActiveRecord::RecordNotFound|Rack::(QueryParser|Multipart|Utils)|HttpParserError|HTTP parse error|' +
    'NotFoundHttpException|MethodNotAllowedHttpException|AccessDeniedHttpException|BadRequestHttpException|TokenMismatchException|' +
    '(^|[^A-Za-z])(URIError|PayloadTooLargeError|NotFoundError|BadRequestError|UnauthorizedError|ForbiddenError|' +
    'UnsupportedMediaTypeError): |URI malformed|JsonWebTokenError|TokenExpiredError|MulterError|request aborted|' +
    'TLS handshake error from|URL query contains semicolon|BadHttpRequestException|Unexpected end of request content|' +
    'ClientAbortException|HttpMessageNotReadableException|HttpRequestMethodNotSupported|NoResourceFoundException|' +
    'Error: (Not Found|Bad Request|Unauthorized|Forbidden)$|Invalid HTTP request|Invalid request from ip|Error parsing HTTP request header|werkzeug[.]exceptions[.](BadRequest|NotFound)',
  /** A line of nginx about a request that reached the service behind nginx. */
  upstream: ', upstream: "|FastCGI sent in stderr',
  /**
   * The library http-errors marks errors of the client in this way. aiohttp writes such an error if
   * it cannot read the request.
   */
  exposed:
    '^ +expose: true|' +
    '^ +File ".*/aiohttp/web_(protocol[.]py", line [0-9]+, in data_received|request[.]py", line [0-9]+, in read)$',
  /**
   * A line that names an exception after other words. Such a line is an error only if the next line
   * is a stack frame.
   */
  named: `(^|[^A-Za-z])${thrown}([^A-Za-z]|$)|[A-Z][A-Za-z0-9]*${thrown}([^A-Za-z]|$)`,
  anyFrame: '^[ \t]+at [^ ]',
} as const;
