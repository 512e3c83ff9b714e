// Finds a hub's events by the redirect of messages/events and reads them with go-amqp, another implementation of AMQP than the
// local Azure's own. Prints them as JSON.
//
// Arguments: host of the hub, user name and password of SASL PLAIN at the hub, policy, key of the policy, partitions, how many events.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/go-amqp"
)

type event struct {
	Device                string         `json:"device"`
	Body                  string         `json:"body"`
	ApplicationProperties map[string]any `json:"applicationProperties"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func session(ctx context.Context, host, user, password string) (*amqp.Session, error) {
	conn, err := amqp.Dial(ctx, "amqps://"+host, &amqp.ConnOptions{SASLType: amqp.SASLTypePlain(user, password)})
	if err != nil {
		return nil, err
	}
	return conn.NewSession(ctx, nil)
}

// redirect returns where the hub's events are: host and path.
func redirect(ctx context.Context, host, user, password string) (string, string, error) {
	hub, err := session(ctx, host, user, password)
	if err != nil {
		return "", "", err
	}
	_, err = hub.NewReceiver(ctx, "messages/events/", nil)
	var refusal *amqp.Error
	if !errors.As(err, &refusal) || refusal.Condition != amqp.ErrCondLinkRedirect {
		return "", "", fmt.Errorf("no redirect: %w", err)
	}
	_, path, _ := strings.Cut(refusal.Info["address"].(string), ":5671/")
	return refusal.Info["hostname"].(string), strings.TrimSuffix(path, "/"), nil
}

func run(args []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()
	host, path, err := redirect(ctx, args[0], args[1], args[2])
	if err != nil {
		return err
	}
	partitions, _ := strconv.Atoi(args[5])
	count, _ := strconv.Atoi(args[6])
	events, err := session(ctx, host, args[3], args[4])
	if err != nil {
		return err
	}
	came := make(chan *amqp.Message)
	for partition := range partitions {
		receiver, err := events.NewReceiver(ctx, fmt.Sprintf("%s/ConsumerGroups/$Default/Partitions/%d", path, partition), nil)
		if err != nil {
			return err
		}
		go func() {
			for {
				message, err := receiver.Receive(ctx, nil)
				if err != nil {
					return
				}
				came <- message
			}
		}()
	}
	seen := []event{}
	for len(seen) < count {
		select {
		case message := <-came:
			device, _ := message.Annotations["iothub-connection-device-id"].(string)
			seen = append(seen, event{device, string(message.GetData()), message.ApplicationProperties})
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return json.NewEncoder(os.Stdout).Encode(seen)
}
