// A producer and a worker with redigo. usage: redigo produce PORT STREAM COUNT | work PORT STREAM GROUP CONSUMER
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

var name = "producer"
var server redis.Conn

// Until a server answers: it may have been killed, and be started again. What a server refuses is an error.
func ask(command string, words ...interface{}) (interface{}, error) {
	for ; ; time.Sleep(20 * time.Millisecond) {
		if server == nil {
			opened, err := redis.Dial("tcp", "127.0.0.1:"+os.Args[2], redis.DialClientName(name))
			if err != nil {
				continue
			}
			server = opened
		}
		reply, err := server.Do(command, words...)
		if _, refused := err.(redis.Error); err == nil || refused {
			return reply, err
		}
		server.Close()
		server = nil
	}
}

func must(reply interface{}, err error) []interface{} {
	values, err := redis.Values(reply, err)
	if err != nil && err != redis.ErrNil {
		log.Fatal(err)
	}
	return values
}

func settle(word string, group string, entries interface{}) {
	for _, each := range must(entries, nil) {
		entry := must(each, nil)
		id, _ := redis.String(entry[0], nil)
		fields, _ := redis.StringMap(entry[1], nil)
		fmt.Println(word, id, fields["n"])
		if _, err := ask("XACK", os.Args[3], group, id); err != nil {
			log.Fatal(err)
		}
		fmt.Println("acked", id, fields["n"])
	}
}

func main() {
	stream := os.Args[3]
	if os.Args[1] == "produce" {
		count, _ := strconv.Atoi(os.Args[4])
		for number := 1; number <= count; number++ {
			id, err := redis.String(ask("XADD", stream, "*", "n", number))
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println("added", id, number)
		}
		return
	}
	group := os.Args[4]
	name = os.Args[5]
	if _, err := ask("XGROUP", "CREATE", stream, group, "0", "MKSTREAM"); err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
		log.Fatal(err)
	}
	fmt.Println("ready")
	for {
		claimed := must(ask("XAUTOCLAIM", stream, group, name, 1000, "0-0", "COUNT", 10))
		settle("again", group, claimed[1])
		for _, each := range must(ask("XREADGROUP", "GROUP", group, name, "COUNT", 5, "BLOCK", 200, "STREAMS", stream, ">")) {
			settle("new", group, must(each, nil)[1])
		}
	}
}
