// Does for the sign-in what a Streamlit script can't: carries the ticket to the address that sets the cookie, has the
// cookie cleared, and takes the link's token out of the fragment and the address bar.

const PREFIX = "#link="
const CAME_IN = "intellicv-came-in"
const SOON_MS = 60000

// Outlives this script's own instances: a ticket is sent once, however often the component is mounted.
const shared = (globalThis[Symbol.for("intellicv.courier")] ??= { sent: new Set(), tell: null, listening: false })

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-IntelliCV": "1", "Content-Type": "application/json" },
      body: JSON.stringify(body ?? {}),
    })
    return answer.status
  } catch {
    return 0
  }
}

function takeLink() {
  if (!location.hash.startsWith(PREFIX)) return
  const token = location.hash.slice(PREFIX.length)
  history.replaceState(history.state, "", location.pathname + location.search)
  shared.tell?.("link", token)
}

async function carry(ticket, path) {
  if (shared.sent.has(ticket)) return
  shared.sent.add(ticket)
  const status = await post(path, { ticket })
  if (status === 204) {
    sessionStorage.setItem(CAME_IN, String(Date.now()))
    location.reload()
  } else {
    shared.tell?.("failed", status)
  }
}

async function leave(n, path) {
  if (shared.sent.has(n)) return
  shared.sent.add(n)
  await post(path)
  // Ended in the database already; without an answer only a worthless cookie is left behind.
  location.reload()
}

// Back at the sign-in right after a cookie was set: the browser did not keep it.
function checkCookie(signedIn) {
  const at = Number(sessionStorage.getItem(CAME_IN) ?? 0)
  if (!at) return
  sessionStorage.removeItem(CAME_IN)
  if (!signedIn && Date.now() - at < SOON_MS) shared.tell?.("failed", -1)
}

function focus(key) {
  const busy = document.activeElement && document.activeElement !== document.body
  if (!key || busy || !matchMedia("(pointer: fine)").matches) return
  document.querySelector(`.st-key-${key} input`)?.focus()
}

export default function (component) {
  const { data, setTriggerValue } = component
  shared.tell = setTriggerValue
  if (!shared.listening) {
    shared.listening = true
    addEventListener("hashchange", takeLink)
  }
  takeLink()
  if (data.ticket) carry(data.ticket, data.sessionPath)
  else if (data.leave) leave(data.leave, data.signOutPath)
  else {
    checkCookie(data.signedIn)
    if (data.focus) setTimeout(() => focus(data.focus), 50)
  }
}
