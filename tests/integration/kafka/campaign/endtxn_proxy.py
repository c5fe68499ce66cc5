"""A TCP proxy between workers and a broker that can hold back one commit of a transaction.

It understands of Kafka's protocol the frame (4 bytes of length) and the head of a request: api key,
version, correlation id, client id. What it holds is an EndTxn request that commits: the client's
connection is cut instead, so that the client asks again on a new one, and the request that was held
goes to the broker later, when the same producer has its next transaction open. That is how a delayed
request ends a transaction that it knows nothing of.
"""

import asyncio
import struct
import threading

PRODUCE, ADD_PARTITIONS, END_TXN = 0, 24, 26


class Request:
    """The head of a request, and of what we look into."""

    def __init__(self, frame):
        self.api_key, self.version, self.correlation, length = struct.unpack_from(">hhih", frame)
        self.body = 10 + max(length, 0)
        # From these versions on a request's head ends with tagged fields and its strings are
        # compact; librdkafka sends older ones.
        self.flexible = {END_TXN: 3, ADD_PARTITIONS: 3, PRODUCE: 9}.get(self.api_key, 99)

    def transactional_id(self, frame):
        """Of the three requests above; None when it has none, or a form that we do not know."""
        if self.version >= self.flexible:
            return None
        (length,) = struct.unpack_from(">h", frame, self.body)
        if length < 0:
            return None
        return frame[self.body + 2:self.body + 2 + length].decode()

    def commits(self, frame):
        """Of EndTxn: behind the id come producer id (8), epoch (2) and the decision."""
        (length,) = struct.unpack_from(">h", frame, self.body)
        return frame[self.body + 2 + length + 10] == 1


class EndTxnProxy:
    """Listens on `port` once it is started, speaks to `broker_port`. Runs on its own thread."""

    def __init__(self, broker_port):
        self.port = None
        self.broker_port = broker_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._server = None
        self._armed = False
        self._held = {}  # transactional id -> Held
        self.held = 0
        self.released = 0  # while a later transaction was open
        self._tasks = set()

    def start(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def hold_next_commit(self):
        """The next EndTxn that commits is held."""
        self._loop.call_soon_threadsafe(self._arm)

    def stop(self):
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # -- On the loop's thread.

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _arm(self):
        self._armed = True

    async def _listen(self):
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self):
        self._server.close()
        for held in self._held.values():
            held.writer.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            pass
        finally:
            writer.close()
            self._tasks.discard(task)

    async def _serve(self, reader, writer):
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self.broker_port)
        answers = asyncio.ensure_future(self._answers(from_broker, writer))
        held = False
        try:
            while not held:
                length = await reader.readexactly(4)
                frame = await reader.readexactly(struct.unpack(">i", length)[0])
                held = self._wants(frame, length + frame, to_broker)
                if not held:
                    to_broker.write(length + frame)
                    await to_broker.drain()
        finally:
            answers.cancel()
            if not held:
                to_broker.close()

    async def _answers(self, from_broker, writer):
        while data := await from_broker.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    def _wants(self, frame, bytes_of_it, to_broker):
        """Whether this request is kept back. Lets the one that was go when its time has come."""
        request = Request(frame)
        if request.api_key not in (PRODUCE, ADD_PARTITIONS, END_TXN):
            return False
        producer = request.transactional_id(frame)
        if producer is None:
            return False
        held = self._held.get(producer)
        if request.api_key == END_TXN:
            if held is not None:
                held.committed_since = True  # the client's second try, or a later commit
            elif self._armed and request.commits(frame):
                self._armed = False
                self.held += 1
                self._held[producer] = Held(bytes_of_it, to_broker)
                return True
        elif request.api_key == PRODUCE and held is not None and held.committed_since:
            del self._held[producer]
            task = asyncio.ensure_future(self._release(held))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return False

    async def _release(self, held):
        # The records that were on their way are to reach their partitions first.
        await asyncio.sleep(0.02)
        held.writer.write(held.bytes)
        await held.writer.drain()
        self.released += 1
        await asyncio.sleep(1)
        held.writer.close()


class Held:
    """A request that waits, and the connection to the broker on which it goes on."""

    def __init__(self, bytes_of_it, writer):
        self.bytes = bytes_of_it
        self.writer = writer
        self.committed_since = False
