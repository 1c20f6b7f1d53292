import { type ConnectionState, connect } from './connection.ts';
import { byId, setText } from './dom.ts';
import { Overview } from './overview.ts';
import { PageState } from './state.ts';
import { TaskPage } from './task-page.ts';
import { setUpTheme } from './theme.ts';

const STATUS: Readonly<Record<ConnectionState, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Connection lost, trying again…',
  closed: 'The dashboard was closed',
};

const state = new PageState();
const overview = new Overview();
const taskPage = new TaskPage(() => state.hello?.readOnly === false);

function show(): void {
  // Nobody sees it; what came meanwhile is shown when somebody does.
  if (document.hidden || byId('overview').hidden) return;
  overview.show(state);
}

function route(): void {
  const id = /^#\/tasks\/(.+)$/.exec(location.hash)?.[1];
  byId('overview').hidden = id !== undefined;
  byId('one-task').hidden = id === undefined;
  if (id === undefined) {
    taskPage.close();
    overview.charts.resize();
    show();
  } else {
    taskPage.open(decodeURIComponent(id));
    scrollTo(0, 0);
  }
}

function showHello(): void {
  const { hello } = state;
  if (hello === undefined) return;
  setText(byId('runtime'), hello.runtime);
  document.title = `${hello.runtime} · Heddle`;
  byId('read-only').hidden = !hello.readOnly;
}

setUpTheme(() => {
  overview.charts.restyle();
  overview.charts.show(state);
});
connect({
  hello(hello) {
    state.takeHello(hello);
    showHello();
    show();
  },
  frame(frame) {
    state.take(frame);
    show();
  },
  state(connection) {
    const status = byId('status');
    status.dataset['state'] = connection;
    setText(status, STATUS[connection]);
  },
});
addEventListener('hashchange', route);
document.addEventListener('visibilitychange', show);
new ResizeObserver(() => {
  overview.charts.resize();
  show();
}).observe(byId('overview'));
route();
