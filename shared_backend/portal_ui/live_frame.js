// The tab's one live client: one socket for all regions of the page, whatever their number.
//
// Marks: the server says at which mark a topic last changed, a region says at which mark it was drawn. A region is stale
// while the first is larger, and is asked to redraw (one request at a time) until it no longer is. So a message that
// arrives twice, early, or while a redraw is under way neither redraws for nothing nor gets lost.

const HELLO_MS = 2000 // push counts as up only after the server's hello
const SILENCE_MS = 45000 // the server speaks at least every 20 s
const RETRY_MIN_MS = 250
const RETRY_MAX_MS = 10000
const REDRAW_MS = 4000 // a redraw that hasn't come by then is asked for again
const MOST_WAIT_MS = 1500 // for a quiet moment to redraw in
const AFTER_PAINT_MS = 30
const PAINT_AT_LATEST_MS = 100
const AGE_MS = 60000 // "just now" is not said for longer
const AGE_MOST_MS = 3600000
const AFTER_TOUCH_MS = 100 // a click's own run has begun by then, and shows
const SIGN_IN = 4401

const name = (topic) => JSON.stringify([topic[0], topic[1]])

class LiveClient {
  constructor(live) {
    this.live = live
    this.frame = null // the live_frame instance: path, what Python believes of the push, and how to tell it
    this.socket = null
    this.greeted = false
    this.status = null // null until known, then "up" or "down"
    this.failures = 0
    this.heard = 0
    this.epoch = null
    this.process = null
    this.marks = new Map() // topic name → mark of its last change
    this.subscribed = ""
    this.sent = new Map() // "kind|id" → "epoch|version" reported as shown
    this.toShow = new Map() // waiting for paint or a visible tab
    this.unconfirmed = new Map() // n → items and the epoch that they were drawn in, until the server has them
    this.n = 0
    this.retry = 0
    this.downTimer = 0
    this.topicsTimer = 0
    this.painting = false
    this.current = null // the region that is being redrawn
    this.pumpTimer = 0
    this.toPaint = 0 // texts that were written ahead and are not on the screen yet
    this.waitingSince = 0
    this.touchedAt = 0
    const wake = () => this.wake()
    window.addEventListener("online", wake)
    window.addEventListener("pageshow", wake)
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") wake()
    })
    for (const type of ["click", "change", "keydown"]) {
      document.addEventListener(type, () => this.touch(), { capture: true, passive: true })
    }
    setInterval(() => this.check(), 5000)
  }

  // The socket

  connect() {
    clearTimeout(this.retry)
    if (this.socket || !this.frame) return
    this.expectUp()
    let socket
    try {
      const scheme = location.protocol === "https:" ? "wss:" : "ws:"
      socket = new WebSocket(`${scheme}//${location.host}${this.frame.data.path}`)
    } catch {
      this.again()
      return
    }
    this.socket = socket
    this.greeted = false
    const deadline = setTimeout(() => this.drop(socket), HELLO_MS)
    socket.onopen = () => {
      this.subscribed = ""
      this.sendTopics("hello")
    }
    socket.onmessage = (event) => {
      if (this.socket !== socket) return
      let message
      try {
        message = JSON.parse(event.data)
      } catch {
        return
      }
      this.heard = Date.now()
      if (message.t === "hello") clearTimeout(deadline)
      this.receive(message)
    }
    socket.onclose = (event) => {
      clearTimeout(deadline)
      if (this.socket !== socket) return
      this.drop(socket)
      if (event.code === SIGN_IN) this.askFrame() // signed out or locked: the page itself has to say so
    }
  }

  drop(socket) {
    if (this.socket !== socket) return
    this.socket = null
    this.greeted = false
    try {
      socket.close()
    } catch {
      // it was never open
    }
    this.expectUp()
    this.again()
  }

  again() {
    const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.failures)
    this.failures += 1
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.connect(), Math.random() * ceiling)
  }

  wake() {
    if (!this.socket) {
      this.failures = 0
      this.connect()
    } else if (this.greeted) {
      this.probe() // after sleep a socket may look open and be dead
    }
    this.paint()
    this.rejuvenate()
  }

  probe() {
    const socket = this.socket
    const before = this.heard
    this.subscribed = ""
    this.sendTopics("topics") // the server compares again with what is drawn here
    this.send({ t: "beat" })
    setTimeout(() => {
      if (this.socket === socket && this.heard === before) {
        this.failures = 0
        this.drop(socket)
      }
    }, HELLO_MS)
  }

  check() {
    if (this.socket && this.greeted && Date.now() - this.heard > SILENCE_MS) this.drop(this.socket)
    if (this.status === "down") this.flush()
    this.rejuvenate()
  }

  send(message) {
    try {
      this.socket.send(JSON.stringify(message))
      return true
    } catch {
      return false
    }
  }

  expectUp() {
    // A short cut is not worth telling Python of: two redraws of the frame for nothing.
    if (this.downTimer || this.status === "down") return
    this.downTimer = setTimeout(() => {
      this.downTimer = 0
      if (!this.greeted) this.report("down")
    }, HELLO_MS)
  }

  report(status) {
    this.status = status
    if (status === "up") {
      clearTimeout(this.downTimer)
      this.downTimer = 0
    }
    // Python takes a push it hasn't heard of for healthy, so a healthy tab costs no run at all.
    const believed = this.frame?.data.push ?? "up"
    if (this.frame && believed !== status) this.frame.setPush(status)
    this.flush()
  }

  receive(message) {
    switch (message.t) {
      case "hello":
        this.greeted = true
        this.failures = 0
        this.epoch = message.epoch
        this.process = message.process
        this.report("up")
        this.sendTopics("topics")
        this.pumpAll()
        break
      case "changed":
        for (const [kind, id, mark] of message.topics) {
          const topic = name([kind, id])
          this.marks.set(topic, Math.max(mark, this.marks.get(topic) ?? 0))
        }
        this.writeAhead(message.texts ?? {})
        this.pumpAll()
        break
      case "polled":
        if (!this.greeted) this.process = message.process // whose acknowledgement marks these are
        this.receive({ t: "changed", topics: message.topics, texts: message.texts })
        break
      case "resync":
        this.epoch = message.epoch
        this.marks.clear()
        // In a new epoch, or after a gap, nothing on the page can be trusted: one run of the whole app.
        if (this.frame && (this.frame.data.epoch !== this.epoch || this.frame.data.seq < message.seq)) this.askFrame()
        break
      case "got":
        this.unconfirmed.delete(message.n)
        break
    }
  }

  // What the page listens to

  members() {
    return this.frame ? [this.frame, ...this.live.regions.values()] : [...this.live.regions.values()]
  }

  sendTopics(type) {
    // Without a frame the page has gone to the gate while the socket was on its way.
    if (!this.frame || !this.socket || this.socket.readyState !== WebSocket.OPEN) return
    const oldest = new Map()
    for (const region of this.members()) {
      for (const [kind, id, since] of region.data.topics) {
        const topic = name([kind, id])
        oldest.set(topic, Math.min(since, oldest.get(topic) ?? Infinity))
      }
    }
    const names = [...oldest.keys()].sort().join()
    if (type === "topics" && names === this.subscribed) return
    this.subscribed = names
    for (const topic of this.marks.keys()) if (!oldest.has(topic)) this.marks.delete(topic)
    const topics = [...oldest].map(([topic, since]) => [...JSON.parse(topic), since])
    const { epoch, process } = this.frame.data
    this.send({ t: type, topics, epoch, process })
  }

  regionsChanged() {
    if (this.topicsTimer) return
    this.topicsTimer = setTimeout(() => {
      this.topicsTimer = 0
      if (this.greeted) this.sendTopics("topics")
    }, 10) // a page mounts its regions one after the other: say it once
  }

  // Redrawing

  stale(region) {
    if (region.again) return true
    return region.data.topics.some(([kind, id, since]) => {
      const mark = this.marks.get(name([kind, id]))
      if (mark === undefined) return false
      return mark > since || (kind === "ack" && region.data.process !== this.process)
    })
  }

  pumpAll() {
    // One redraw at a time, and none beside a run that a person has set off: when two of Streamlit's runs follow each
    // other too closely, its page keeps elements that the first of them no longer drew.
    if (this.toPaint) return
    if (this.current && this.members().includes(this.current)) return
    this.current = null
    clearTimeout(this.pumpTimer)
    const waiting = this.members().filter((region) => !region.busy && this.stale(region))
    if (!waiting.length) {
      this.waitingSince = 0
    } else if (this.isQuiet() || (this.waitingSince && Date.now() - this.waitingSince > MOST_WAIT_MS)) {
      this.waitingSince = 0
      // What has changed comes before what says of it who and when.
      this.redraw(waiting.find(isOfPart) ?? waiting[0])
    } else {
      this.waitingSince ||= Date.now()
      this.pumpTimer = setTimeout(() => this.pumpAll(), 20)
    }
  }

  writeAhead(texts) {
    const regions = [...this.live.regions.values()].filter((region) => this.stale(region))
    const written = regions.filter((region) => writeTexts(region, texts)).length > 0
    if (!written || document.visibilityState !== "visible") return
    this.toPaint += 1
    let painted = () => {
      painted = () => {}
      this.toPaint -= 1
      this.pumpAll()
    }
    requestAnimationFrame(() => requestAnimationFrame(() => painted()))
    setTimeout(() => painted(), PAINT_AT_LATEST_MS)
  }

  redraw(region) {
    this.current = region
    region.touched = false
    region.busy = true
    region.tries += 1
    clearTimeout(region.timer)
    region.timer = setTimeout(() => {
      region.busy = false
      if (this.current === region) this.current = null
      this.pumpAll()
    }, REDRAW_MS * Math.min(region.tries, 8))
    region.trigger({ typing: isTyping(), drawn: region.data.drawn })
  }

  rejuvenate() {
    // What says how long ago something was is redrawn while a person looks at it, the more seldom the older it is.
    if (document.visibilityState !== "visible" || isTyping()) return
    const old = [...this.live.regions.values()].filter((each) => each.data.ages && !each.busy && Date.now() > each.ageAt)
    for (const region of old) region.again = region.aged = true
    if (old.length) this.pumpAll()
  }

  settle(region) {
    // Its elements are on the page; those that it no longer has leave when its run has ended.
    if (this.current !== region) return
    if (isRunning() && Date.now() - region.drawnAt < MOST_WAIT_MS) {
      setTimeout(() => this.settle(region), 16)
      return
    }
    this.current = null
    if (region.touched) region.again = true // a person's click came right behind it: see pumpAll
    this.pumpAll()
  }

  touch() {
    this.touchedAt = Date.now()
    if (this.current) this.current.touched = true
  }

  isQuiet() {
    return !isRunning() && Date.now() - this.touchedAt > AFTER_TOUCH_MS
  }

  askFrame() {
    const frame = this.frame
    if (!frame || frame.busy) return
    frame.busy = true
    clearTimeout(frame.timer)
    frame.timer = setTimeout(() => {
      frame.busy = false
      this.askFrame() // until it has been drawn again, which clears this timer
    }, REDRAW_MS)
    frame.trigger({ typing: isTyping() })
  }

  drawn(region) {
    clearTimeout(region.timer)
    region.busy = false
    region.again = false
    region.drawnAt = Date.now()
    region.ageWait = region.aged ? Math.min(region.ageWait * 2, AGE_MOST_MS) : AGE_MS
    region.ageAt = region.drawnAt + region.ageWait
    region.aged = false
    if (!this.stale(region)) confirmTexts(region)
    this.regionsChanged()
    const { epoch } = region.data
    for (const [kind, id, version] of region.data.shown ?? []) {
      const item = `${kind}|${id}`
      if (this.sent.get(item) !== `${epoch}|${version}`) this.toShow.set(item, { kind, id, version, epoch, region })
    }
    this.paint()
    if (!this.stale(region)) {
      region.tries = 0
    } else {
      // Drawn by a process that is a moment behind the one that told us: give it that moment.
      region.busy = true
      region.timer = setTimeout(
        () => {
          region.busy = false
          this.pumpAll()
        },
        Math.min(100 * 2 ** region.tries++, 5000),
      )
    }
    setTimeout(() => this.settle(region), AFTER_PAINT_MS)
  }

  // What a person's screen shows

  paint() {
    if (this.painting || this.toShow.size === 0 || document.visibilityState !== "visible") return
    this.painting = true
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        this.painting = false
        const shown = new Map() // epoch → items
        for (const [item, { kind, id, version, epoch, region }] of this.toShow) {
          if (isLoading(region) || this.isBehind(kind, id)) continue
          this.toShow.delete(item)
          const still = (region.data.shown ?? []).some((s) => s[0] === kind && s[1] === id && s[2] === version)
          if (!still || region.data.epoch !== epoch) continue
          shown.set(epoch, [...(shown.get(epoch) ?? []), [kind, id, version]])
          this.sent.set(item, `${epoch}|${version}`)
        }
        for (const [epoch, items] of shown) this.unconfirmed.set(++this.n, { items, epoch })
        this.flush()
        if (this.toShow.size) setTimeout(() => this.paint(), 50)
      }),
    )
  }

  isBehind(kind, id) {
    // A version is on the screen when every region that draws some of that entity has come up to it.
    const about = ([topic, other]) => other === id && topic.split(".")[0] === kind
    return this.members().some((region) => region.data.topics.some(about) && (region.busy || this.stale(region)))
  }

  flush() {
    if (this.greeted) {
      for (const [n, shown] of this.unconfirmed) this.send({ t: "shown", n, ...shown })
    } else if (this.status === "down" && this.frame) {
      for (const [n, shown] of this.unconfirmed) {
        fetch(`${this.frame.data.path}/shown`, {
          method: "POST",
          credentials: "same-origin",
          keepalive: true,
          headers: { "Content-Type": "application/json", "X-IntelliCV-Live": "1" },
          body: JSON.stringify(shown),
        }).then(
          (answer) => {
            if (answer.ok || answer.status < 500) this.unconfirmed.delete(n)
          },
          () => {}, // no network at all: kept, and tried again by check()
        )
      }
    }
  }
}

function isOfPart(region) {
  return region.data.topics.some(([kind]) => kind.includes("."))
}

function isRunning() {
  return document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "running"
}

function isTyping() {
  const element = document.activeElement
  return !!element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable)
}

function isLoading(region) {
  // On a first visit Streamlit is still fetching the code of some elements, and draws grey bars in their place.
  return !!region.root?.isConnected && region.root.querySelector('[data-testid="stSkeleton"]') !== null
}

export default function (component) {
  const { data, key, setStateValue, setTriggerValue } = component
  const live = (window.__intellicvLive ??= { regions: new Map(), client: null })
  const client = (live.client ??= new LiveClient(live))
  const fresh = client.frame?.key !== key
  const frame = fresh ? { key, busy: false, tries: 0, timer: 0 } : client.frame
  frame.data = data
  frame.trigger = (value) => setTriggerValue("changed", value)
  frame.setPush = (value) => setStateValue("push", value)
  client.frame = frame
  if (fresh) {
    for (const region of live.regions.values()) client.drawn(region) // they were mounted before there was a client
    if (client.status && client.status !== (data.push ?? "up")) client.report(client.status)
  }
  client.drawn(frame)
  client.connect()
  return () => {
    clearTimeout(frame.timer)
    if (client.frame === frame) client.frame = null
  }
}
