<?php
// A producer and a worker with phpredis. usage: php.php produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
[, $what, $port, $stream] = $argv;
$rest = array_slice($argv, 4);
$server = null;

// Until a server answers: it may have been killed, and be started again.
function persist(callable $action) {
    global $server, $port, $rest;
    while (true) {
        try {
            if ($server === null) {
                $new = new Redis();
                $new->connect('127.0.0.1', (int)$port);
                $new->client('setname', $rest[1] ?? 'producer');
                $server = $new;
            }
            $server->clearLastError();
            $reply = $action($server);
            if ($server->getLastError() !== null) {
                throw new RuntimeException($server->getLastError());
            }
            return $reply;
        } catch (RedisException $lost) {
            $server = null;
            usleep(20000);
        }
    }
}

if ($what === 'produce') {
    for ($number = 1; $number <= (int)$rest[0]; $number++) {
        $id = persist(fn($server) => $server->xAdd($stream, '*', ['n' => $number]));
        echo "added $id $number\n";
    }
    exit(0);
}

[$group, $consumer] = $rest;
try {
    persist(fn($server) => $server->xGroup('CREATE', $stream, $group, '0', true));
} catch (RuntimeException $refusal) {
    if (!str_starts_with($refusal->getMessage(), 'BUSYGROUP')) {
        throw $refusal;
    }
}
echo "ready\n";
function settle($word, $id, $n) {
    global $stream, $group;
    echo "$word $id $n\n";
    persist(fn($server) => $server->xAck($stream, $group, [$id]));
    echo "acked $id $n\n";
}
while (true) {
    $claimed = persist(fn($server) => $server->rawCommand('XAUTOCLAIM', $stream, $group, $consumer, 1000, '0-0', 'COUNT', 10));
    foreach ($claimed[1] as [$id, $fields]) {
        settle('again', $id, $fields[1]);
    }
    $read = persist(fn($server) => $server->xReadGroup($group, $consumer, [$stream => '>'], 5, 200));
    foreach ($read[$stream] ?? [] as $id => $fields) {
        settle('new', $id, $fields['n']);
    }
}
